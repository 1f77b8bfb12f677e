package shop.orders

import scala.collection.mutable
import scala.concurrent.Future

/** What can be delivered. */
trait Deliverable[+A] {
  def weight: Double

  /** Sends it on its way.
    *
    * @param to where it goes
    */
  def deliver(to: String): Future[A]

  def isHeavy: Boolean = weight > 30.0
}

@deprecated("use Basket", "2.0")
class Cart(val owner: String, capacity: Int = 10)(implicit clock: Clock) extends Deliverable[Unit] {
  private val items = mutable.Buffer.empty[Item]

  // A cart for a guest.
  def this() = this("guest")

  override def weight: Double = items.map(_.weight).sum

  @throws[IllegalStateException]
  final def add(item: Item): Cart = {
    def full(): Boolean = items.size >= capacity
    if (full()) throw new IllegalStateException("full")
    items += item
    this
  }

  def deliver(to: String): Future[Unit] = Future.unit

  type Weight = Double
}

/** Makes carts. */
object Cart {
  val empty: Cart = new Cart()

  def apply(owner: String): Cart = new Cart(owner)

  def +[T <: Item](left: Cart, item: T): Cart = left.add(item)
}

sealed abstract case class Item(name: String, weight: Double)

package object pricing {
  val tax: Double => Double = (price: Double) => price * 1.19

  /** Rounds to cents. */
  def rounded(price: Double): Long = math.round(price * 100)
}

enum Color(val rgb: Int):
  case Red extends Color(0xff0000)
  case Green extends Color(0x00ff00)

  def hex: String =
    f"$rgb%06x"

  // In capitals.
  def upper: String = hex.toUpperCase

given cartOrdering: Ordering[Cart] with
  def compare(left: Cart, right: Cart): Int =
    left.weight.compare(right.weight)

extension (text: String)
  /** Puts dashes where blanks were. */
  def slug: String = text.replace(' ', '-')

  // Loud.
  def shout(times: Int): String =
    text.toUpperCase * times

type Price = Double

// Takes off some percent.
val discount = (price: Price, percent: Int) => price * (100 - percent) / 100

@main def run(names: String*): Unit =
  names.foreach(println)
