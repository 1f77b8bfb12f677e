/* Copyright 2026 The Orchard authors. */
package org.orchard.billing;

import java.util.List;
import java.util.function.Supplier;

/**
 * An invoice and its lines.
 *
 * @param <T> what is sold
 */
@Entity
@Table(name = "invoice")
public class Invoice<T extends Product> extends Document implements Comparable<Invoice<T>> {
    private static final int DAYS = 30;
    private final List<T> lines;

    // Nothing is copied.
    public Invoice(List<T> lines) {
        this.lines = lines;
    }

    /** Adds up the lines. */
    @Override
    @SuppressWarnings({"unchecked", "raw"})
    public <N extends Number> long total(
            final N discount, // in cents
            @Nullable String currency) throws PricingException {
        Supplier<Long> sum = () -> lines.stream().mapToLong(Product::price).sum();
        Runnable audit = new Runnable() {
            @Override
            public void run() {
                System.out.println("total");
            }
        };
        return sum.get();
    }

    abstract void send();

    static final class Builder {
        Builder() {}
    }

    private final Supplier<String> label = () -> {
        return "invoice";
    };
}

enum State {
    OPEN("o") {
        @Override
        boolean late() { return true; }
    },
    PAID("p");

    private final String code;

    State(String code) { this.code = code; }

    boolean late() { return false; }
}

/** Where invoices are kept. */
interface Archive {
    int LIMIT = 10;

    /** Finds one by number. */
    Invoice<?> find(String number);

    default boolean has(String number) { return find(number) != null; }
}

record Line(String text, long cents) {
    Line {
        if (cents < 0) throw new IllegalArgumentException();
    }
}

@interface Audited {
    String value() default "";
}
