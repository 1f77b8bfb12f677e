#!/usr/bin/env ruby
# frozen_string_literal: true

require "json"
require_relative "store"

VERSION = "1.2"

# Everything about shipping.
module Shipping
  # What a parcel weighs and where it goes.
  #
  # Immutable.
  class Parcel < Struct::Base
    include Comparable
    attr_reader :weight, :target

    LIMIT = 30

    # Makes a parcel.
    def initialize(weight, target: nil, **options, &block)
      @weight = weight
      @target = target
    end

    def self.parse(text)
      new(*JSON.parse(text).values)
    end

    class << self
      def empty = new(0)
    end

    def <=>(other)
      weight <=> other.weight
    end

    def weight=(value); @weight = value; end

    def heavy?; end

    define_method(:label) do |prefix = ""|
      "#{prefix}#{target}"
    end

    Address = Struct.new(:street, :town) do
      def to_s
        "#{street}, #{town}"
      end
    end

    class Lost < StandardError; end

    private

    # Rounds up.
    private_class_method def self.round(value)
      value.ceil
    end
  end

  def self.quote(parcel)
    price = ->(weight) { weight * 3 }
    price.call(parcel.weight)
  end

  def insured?
    false
  end
end

class Shipping::Parcel::Tracker
  def track = nil
end

=begin
Prints the price.
=end
def main(argv)
  puts Shipping.quote(Shipping::Parcel.parse(argv.first))
end

main(ARGV) if $PROGRAM_NAME == __FILE__
