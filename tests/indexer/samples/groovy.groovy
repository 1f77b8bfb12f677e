#!/usr/bin/env groovy
/*
 * Licensed under the Apache License, Version 2.0.
 */
package org.example.mill

import groovy.transform.CompileStatic
import static java.lang.Math.max

/** What can be ground. */
interface Grindable {
    /** Grinds to the given fineness. */
    int grind(int fineness)
}

enum Grain {
    WHEAT('w'), RYE('r');

    final String code

    Grain(String code) {
        this.code = code
    }

    boolean isWheat() { this == WHEAT }
}

@interface Milled {
    String value()
}

trait Weighed {
    double grams

    double kilos() {
        grams / 1000
    }
}

/**
 * A mill with a queue.
 *
 * Not safe for several threads.
 */
@CompileStatic
class Mill<T extends Grindable> implements Weighed {
    static final int LIMIT = 10
    private List<T> queue = []
    def ready = { it -> it != null }

    Mill(int size) {
        this.queue = new ArrayList<T>(size)
    }

    // Adds to the end of the queue.
    @Override
    void add(T grain) {
        def check = { T item ->
            item != null && queue.size() < LIMIT
        }
        if (check(grain)) {
            queue << grain
        }
    }

    def "a mill grinds what it is given"() {
        expect:
        new Mill(1).grindAll(2) == 0
    }

    static <R> R timed(Closure<R> work) {
        long start = System.nanoTime()
        work.call()
    }
}

record Sack(Grain grain, double grams) {
    boolean heavy() { grams > 1000 }
}

def describe(Mill mill, int level = 1) {
    "mill at ${level}"
}

def twice = { int n ->
    n * 2
}

String shout(String text) {
    return text.toUpperCase()
}

println describe(new Mill(3))
