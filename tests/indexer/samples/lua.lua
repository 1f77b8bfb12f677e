#!/usr/bin/env lua
local json = require("json")
local string_format = string.format

--- An account that never goes below zero.
-- @classmod Account
local Account = {}
Account.__index = Account

--- Opens an account.
-- @param owner whose it is
function Account.new(owner, balance)
  local self = setmetatable({}, Account)
  self.owner = owner
  self.balance = balance or 0
  return self
end

--[[ Pays money in.
     The amount must be positive. ]]
function Account:deposit(amount)
  local function check(value)
    if value <= 0 then
      error("amount must be positive")
    end
  end
  check(amount)
  self.balance = self.balance + amount
end

Account.withdraw = function(self, amount)
  if amount > self.balance then
    return nil, "too little money"
  end
  self.balance = self.balance - amount
  return amount
end

function Account.reports.monthly.print(...)
  print(string_format("%s", ...))
end

-- Rounds half up.
local function round(number)
  return math.floor(number + 0.5)
end

local twice = function(callback)
  callback()
  callback()
end

function main()
  local account = Account.new("nobody")
  twice(function() account:deposit(1) end)
end

local handlers = {
  --- Called when a line comes in.
  on_line = function(line)
    return json.decode(line)
  end,
  ["on-close"] = function() return true end,
  limit = 10,
}

print(round(1.5), handlers.limit)
return Account
