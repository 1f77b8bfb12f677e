# A few kinds of interpolation.
module Interpolations

using LinearAlgebra: dot, norm
import Base: show, length
export Linear, interpolate, @checked

const TOLERANCE = 1e-9

"""
    AbstractScheme

What every interpolation scheme is.
"""
abstract type AbstractScheme end

primitive type Float24 <: AbstractFloat 24 end

"Straight lines between the knots."
struct Linear{T<:Real} <: AbstractScheme
    knots::Vector{T}
    values::Vector{T}

    function Linear{T}(knots, values) where {T<:Real}
        length(knots) == length(values) || throw(ArgumentError("lengths differ"))
        return new{T}(knots, values)
    end
end

# Counts what it is asked for.
mutable struct Counter
    calls::Int
    Counter() = new(0)
end

@enum Edge begin
    clamp
    extrapolate
end

Linear(knots::Vector{T}, values::Vector{T}) where {T} = Linear{T}(knots, values)

"""
    interpolate(scheme, x; edge=clamp)

Return the value at `x`.
"""
function interpolate(scheme::Linear{T}, x::Real; edge::Edge=clamp)::T where {T}
    function blend(a, b, t)
        return a + t * (b - a)
    end
    weight(i) = (x - scheme.knots[i]) / (scheme.knots[i + 1] - scheme.knots[i])
    i = searchsortedlast(scheme.knots, x)
    return blend(scheme.values[i], scheme.values[i + 1], weight(i))
end

Base.length(scheme::Linear) = length(scheme.knots)

function Base.show(io::IO, scheme::Linear)
    print(io, "Linear with ", length(scheme), " knots")
end

(scheme::Linear)(x) = interpolate(scheme, x)

# One line, and inlined.
@inline function square(x)
    x * x
end

const cube = x -> x^3

halve = function (x)
    return x / 2
end

"Fails if the condition does not hold."
macro checked(condition)
    return :($(esc(condition)) || error("does not hold"))
end

function reload end

end # module

println(Interpolations.square(3))
