import Foundation
import os.log

typealias Seconds = Double

/// A place where values are kept for a while.
public protocol Cache: AnyObject {
    associatedtype Key: Hashable
    var count: Int { get }

    /// Returns the value, or nil if it is too old.
    func value(for key: Key) -> Data?
    init(capacity: Int)
}

/// Keeps the values that were used last.
///
/// Old values go first.
@available(macOS 12, *)
public final class RecentCache<Key: Hashable>: Cache {
    private var values: [Key: Data] = [:]
    private let capacity: Int

    public required init(capacity: Int) {
        self.capacity = capacity
    }

    // Nothing is worth keeping.
    public convenience init?(text: String) {
        guard let number = Int(text) else { return nil }
        self.init(capacity: number)
    }

    deinit {
        values.removeAll()
    }

    /** How many values there are. */
    public var count: Int {
        values.count
    }

    var busy: Bool = false {
        didSet { print("busy: \(busy)") }
    }

    @discardableResult
    public func store(_ value: Data, for key: Key) async throws -> Bool {
        func makeRoom() {
            while values.count >= capacity, let oldest = values.keys.first {
                values[oldest] = nil
            }
        }
        makeRoom()
        values[key] = value
        return true
    }

    public func value(for key: Key) -> Data? { values[key] }

    subscript(key: Key) -> Data? {
        get { values[key] }
        set { values[key] = newValue }
    }

    static func == (left: RecentCache, right: RecentCache) -> Bool {
        left.values == right.values
    }
}

struct Point: Equatable {
    var x, y: Double

    mutating func move(by delta: Point) {
        x += delta.x
        y += delta.y
    }
}

extension Point: CustomStringConvertible {
    /// Both coordinates in parentheses.
    var description: String { "(\(x), \(y))" }

    func scaled(by factor: Double) -> Point {
        Point(x: x * factor, y: y * factor)
    }

    enum Axis { case horizontal, vertical }
}

indirect enum Shape<Unit> where Unit: Numeric {
    case circle(radius: Unit)
    case group([Shape])

    func area() -> Unit? {
        switch self {
        case .circle(let radius): return radius * radius * 3
        case .group: return nil
        }
    }
}

actor Counter {
    private var value = 0
    func next() -> Int { value += 1; return value }
}

// Twice as many.
let double = { (number: Int) -> Int in
    number * 2
}

func largest<T: Comparable>(of items: [T]) -> T? where T: Hashable {
    items.max()
}

print(largest(of: [1, 2, 3]) ?? 0)
