(** Accounts and what happens to them. *)

open Format

type t
(** An account. *)

(** What can happen. *)
type entry =
  | Deposit of int
  | Withdrawal of int

type 'a journal = { entries : 'a list; closed : bool }
and stamp = float

exception Overdrawn of string

val empty : t
(** An account without entries. *)

(** [deposit account amount] pays in.
    Raises [Invalid_argument] if the amount is negative. *)
val deposit : t -> int -> t

val fold :
  f:('a -> entry -> 'a) ->
  init:'a ->
  t ->
  'a

external now : unit -> float = "caml_now"

(** Keys that can be compared. *)
module type KEY = sig
  type t

  (* As [Stdlib.compare] does. *)
  val compare : t -> t -> int
end

module Audit : sig
  (** Whether the books balance. *)
  val balanced : t -> bool
end

module Make (Key : KEY) : sig
  val find : Key.t -> t option
end

(** A counter that can be reset. *)
class counter : int -> object
  method count : int
  method reset : unit
end
