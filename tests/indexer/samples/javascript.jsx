/*
 * Copyright 2026 The Orchard authors.
 */
/** Not the licence, and not separated either. */
"use strict";

import React, { useState } from "react";
import { format } from "./format.js"; // local
const path = require("path");

const LIMIT = 10;

/**
 * Waits, then tries again.
 *
 * @param {number} times how often
 */
export async function retry(task, times = 3) {
  const attempt = async (left) => {
    return left ? task() : null;
  };
  [1, 2].forEach((n) => console.log(n));
  return attempt(times);
}

// Walks a tree.
// Depth first.
function* walk(node) { yield node; }

export class Cache extends Map {
  static #shared = null;
  limit = LIMIT;

  /** Makes an empty cache. */
  constructor(limit) {
    super();
    this.limit = limit;
  }

  // Bound, so that it can be passed on.
  evict = (key) => {
    this.delete(key);
  };

  get fullness() { return this.size / this.limit; }

  static async "load all"(names) {
    return names;
  }
}

export const slug = (text) => text.trim().toLowerCase();

const routes = {
  prefix: "/api",
  list(request) { return []; },
  create: async function (request) {
    return request.body;
  },
};

/** Shows one row. */
export const Row = React.memo(({ item }) => {
  const [open, setOpen] = useState(false);
  return <li onClick={() => setOpen(!open)}>{format(item)}</li>;
});

Cache.prototype.describe = function describe() {
  return "cache";
};

module.exports.helper = (a) => a;

export default class extends Cache {
  peek(key) { return this.get(key); }
}

let first = () => 1, second = () => 2;
