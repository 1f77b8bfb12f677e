//! A ring buffer and what a small tool needs around it.

const std = @import("std");
const Allocator = std.mem.Allocator;

const default_capacity: usize = 64;

/// What can go wrong with a ring.
pub const RingError = error{
    Full,
    Empty,
};

/// Which end of the ring is meant.
pub const End = enum(u8) {
    front,
    back,

    /// The other end.
    pub fn opposite(self: End) End {
        return if (self == .front) .back else .front;
    }
};

/// A ring buffer of a fixed capacity.
/// The oldest element leaves first.
pub fn Ring(comptime T: type) type {
    return struct {
        const Self = @This();

        items: []T,
        head: usize = 0,
        len: usize = 0,

        /// Allocates room for `capacity` elements.
        pub fn init(allocator: Allocator, capacity: usize) !Self {
            return Self{ .items = try allocator.alloc(T, capacity) };
        }

        pub fn deinit(self: *Self, allocator: Allocator) void {
            allocator.free(self.items);
        }

        // Appends behind the newest element.
        pub inline fn push(self: *Self, value: T) RingError!void {
            if (self.len == self.items.len) return RingError.Full;
            self.items[(self.head + self.len) % self.items.len] = value;
            self.len += 1;
        }
    };
}

const Shape = union(enum) {
    circle: f32,
    square: f32,

    fn area(self: Shape) f32 {
        return switch (self) {
            .circle => |radius| std.math.pi * radius * radius,
            .square => |side| side * side,
        };
    }
};

const Point = packed struct { x: i16, y: i16 };

const Handle = opaque {
    extern fn handle_close(handle: *Handle) void;
};

extern "c" fn write(fd: c_int, bytes: [*]const u8, count: usize) isize;

export fn sum(values: [*]const i32, count: usize) callconv(.C) i32 {
    const add = struct {
        fn call(a: i32, b: i32) i32 {
            return a + b;
        }
    }.call;
    var total: i32 = 0;
    for (values[0..count]) |value| total = add(total, value);
    return total;
}

// A full ring refuses.
test "push into a full ring" {
    var ring = try Ring(u8).init(std.testing.allocator, 1);
    defer ring.deinit(std.testing.allocator);
    try ring.push(1);
    try std.testing.expectError(RingError.Full, ring.push(2));
}
