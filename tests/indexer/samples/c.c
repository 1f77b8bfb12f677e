/*
 * ring.c - a ring buffer of bytes
 *
 * Licensed under the Apache License, Version 2.0.
 */
#include <stdlib.h>
#include "ring.h"

#define RING_MIN 16
#define RING_MAX 4096

/* Larger of two. */
#define MAX(a, b) \
	((a) > (b) ? (a) : (b))

typedef unsigned char byte;
typedef int (*ring_visitor)(byte value, void *context);

/* Where the bytes are. */
struct ring {
	byte *bytes;
	size_t size; /* of bytes */
	struct cursor {
		size_t at;
	} head, tail;
};

typedef struct {
	int line;
} ring_error;

typedef struct ring_list {
	struct ring_list *next;
} ring_list_t;

enum ring_mode { RING_DROP, RING_GROW };

typedef union { int whole; float part; } ring_number;

static int grown(struct ring *ring);

static const char *names[] = {
	"drop",
	"grow",
};

/**
 * Makes a ring.
 * @param size in bytes
 */
struct ring *ring_new(size_t size)
{
	struct ring *ring = malloc(sizeof *ring);

	if (!ring)
		return NULL;
	return ring;
}

// Walks over all bytes,
// oldest first.
static inline int
ring_each(struct ring *ring,    /* may be empty */
          ring_visitor visit,
          void *context)
{
	return visit(ring->bytes[0], context);
}

#ifdef RING_DEBUG
const char **ring_names(void) { return names; }
#endif

int (ring_size)(void) { return RING_MIN; }
