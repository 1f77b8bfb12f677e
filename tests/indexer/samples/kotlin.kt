@file:JvmName("Ledgers")

package shop.ledger

import java.time.Instant
import java.util.UUID

typealias Rate = Double

/** Marks what may be exported. */
@Target(AnnotationTarget.CLASS)
annotation class Exported(val name: String = "")

/** Something that can be booked. */
interface Booking<out T : Any> {
    val amount: Long

    /** Writes the booking down and returns its number. */
    fun book(into: Ledger): T

    fun isCredit(): Boolean = amount > 0
}

/**
 * A list of bookings of one owner.
 *
 * Not safe to share between threads.
 */
@Exported("ledger")
open class Ledger(val owner: String, private val limit: Int = 100) : AutoCloseable {
    private val entries = mutableListOf<Entry>()

    init {
        require(limit > 0) { "limit must be positive" }
    }

    // Takes over the entries of another ledger.
    constructor(other: Ledger) : this(other.owner) {
        entries += other.entries
    }

    /** The sum of everything that is booked. */
    val total: Long
        get() = entries.sumOf { it.cents }

    @Synchronized
    @Throws(IllegalStateException::class)
    fun add(cents: Long, at: Instant = Instant.now()): Entry {
        fun check(size: Int) {
            if (size >= limit) throw IllegalStateException("full")
        }
        check(entries.size)
        val entry = Entry(UUID.randomUUID(), cents, at)
        entries.add(entry)
        return entry
    }

    override fun close() = entries.clear()

    data class Entry(val id: UUID, val cents: Long, val at: Instant)

    companion object {
        /** Opens a ledger for nobody in particular. */
        fun anonymous(): Ledger = Ledger("nobody")
    }
}

enum class Currency(val digits: Int) {
    EURO(2),
    YEN(0) {
        override fun symbol() = "¥"
    };

    open fun symbol(): String = name.take(1)
}

object Registry {
    private val ledgers = HashMap<String, Ledger>()

    suspend fun <T> withLedger(owner: String, block: suspend (Ledger) -> T): T {
        val ledger = ledgers.getOrPut(owner) { Ledger(owner) }
        return block(ledger)
    }
}

sealed class Outcome

// Rounds half away from zero.
fun Double.toCents(): Long = Math.round(this * 100)

fun <K, V> Map<K, List<V>>.flattened(): List<V> {
    return values.flatten()
}

val convert = { cents: Long, rate: Rate -> (cents * rate).toLong() }

val describe = fun(entry: Ledger.Entry): String {
    return "${entry.id}: ${entry.cents}"
}

val onClose: (Ledger) -> Unit = { it.close() }

// In words.
val Ledger.summary: String
    get() {
        return "$owner: $total"
    }

const val DEFAULT_LIMIT = 100
