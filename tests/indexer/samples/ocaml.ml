(* Copyright 2024 The Ledger Authors. *)

open Printf
open! List

exception Overdrawn of string * int

(** An amount in cents. *)
type amount = int

(** What can happen to an account. *)
type entry =
  | Deposit of amount
  | Withdrawal of { amount : amount; memo : string option }

type 'a tree = Leaf | Node of 'a tree * 'a * 'a tree
and 'a forest = 'a tree list

let limit = 10_000

(** [total entries] adds up what was paid in and out. *)
let rec total = function
  | [] -> 0
  | Deposit amount :: rest -> amount + total rest
  | Withdrawal { amount; _ } :: rest -> total rest - amount

(* Even and odd by turns. *)
let rec even n = if n = 0 then true else odd (n - 1)
and odd n = if n = 0 then false else even (n - 1)

let apply_all ~f ?(limit = limit) entries =
  let within amount =
    abs amount <= limit
  in
  List.filter within (List.map f entries)

let double = fun x -> x * 2

let ( +: ) account amount = account + amount

external now : unit -> float = "caml_now" [@@noalloc]

(** What a store of accounts can do. *)
module type STORE = sig
  type t

  val find : t -> string -> amount option
  (** Finds the balance of an account. *)
end

(** A store in memory. *)
module Memory : STORE = struct
  type t = (string, amount) Hashtbl.t

  (** Looks an account up. *)
  let find table name = Hashtbl.find_opt table name
end

module Audit (Store : STORE) = struct
  let check store names =
    List.for_all (fun name -> Store.find store name <> None) names
end

module Names = Set.Make (String)

(** An account with a running balance. *)
class account (owner : string) =
  object (self)
    val mutable balance = 0
    method owner = owner

    (** Pays in. *)
    method deposit amount =
      balance <- balance +: amount;
      self#log "deposit"

    method private log text = printf "%s: %s\n" owner text
  end

class type printable = object
  method print : unit
end

let () = printf "%d\n" (total [ Deposit 3 ])
