// Copyright 2026 The Orchard authors.
// SPDX-License-Identifier: Apache-2.0

// Package cache keeps values for a while.
package cache

import (
	"errors"
	"time"
)

// ErrMissing says that there is no such key.
var ErrMissing = errors.New("missing")

const (
	small = 1 << iota
	large
)

type (
	// Key names a value.
	Key string

	entry[V any] struct {
		value V
		until time.Time
	}
)

// Store is a map whose values expire.
//
// The zero value is empty.
type Store[V any] struct {
	entries map[Key]entry[V]
	Clock   func() time.Time // for tests
}

// Loader fetches what is missing.
type Loader interface {
	Load(key Key) (any, error)
}

type Duration = time.Duration

// New makes a store.
func New[V any]() *Store[V] {
	return &Store[V]{entries: map[Key]entry[V]{}}
}

/*
Get returns a value.
*/
func (s *Store[V]) Get(
	key Key, // what to look for
	fallback V,
) (value V, err error) {
	expired := func(e entry[V]) bool {
		return s.Clock().After(e.until)
	}
	if e, ok := s.entries[key]; ok && !expired(e) {
		return e.value, nil
	}
	return fallback, ErrMissing
}

func (Key) Valid() bool { return true }

var now = func() time.Time { return time.Now() }

func sum(values ...int) (total int) {
	for _, v := range values {
		total += v
	}
	return
}
