// Copyright 2024 The Orchard Authors.
library orchard;

import 'dart:async';
import 'package:meta/meta.dart' show immutable;
export 'src/basket.dart';
part 'orchard.g.dart';

typedef Predicate<T> = bool Function(T value);

const int defaultSize = 12;

/// How ripe a fruit is.
enum Ripeness {
  green(0),
  ripe(1);

  const Ripeness(this.level);

  final int level;

  /// The next stage.
  Ripeness next() => values[(level + 1) % values.length];
}

/// What can be picked.
abstract interface class Pickable {
  /// Takes it off the tree.
  Future<void> pick({required String by});
}

mixin Weighed on Fruit {
  double get grams => 100.0 * volume;
}

/// A fruit on a tree.
///
/// Immutable once picked.
@immutable
class Fruit implements Pickable {
  final String name;
  double volume;

  /// Makes a fruit from its name.
  Fruit(this.name, {this.volume = 1.0}) : assert(volume > 0);

  const Fruit.tiny(String name) : this(name, volume: 0.1);

  factory Fruit.fromJson(Map<String, dynamic> json) {
    return Fruit(json['name'] as String);
  }

  @override
  Future<void> pick({required String by}) async {
    bool allowed(String who) {
      return who != 'crow';
    }

    if (!allowed(by)) throw StateError(by);
  }

  /* Sets what it weighs. */
  set weight(double grams) {
    volume = grams / 100;
  }

  bool operator <(Fruit other) => volume < other.volume;

  static Stream<Fruit> season(int count) async* {
    for (var i = 0; i < count; i++) {
      yield Fruit('apple $i');
    }
  }
}

extension Crates on List<Fruit> {
  /** Packs by the dozen. */
  List<List<Fruit>> crates() => [for (var i = 0; i < length; i += defaultSize) sublist(i)];
}

extension type FruitId(int id) {
  bool get isValid => id > 0;
}

final describe = (Fruit fruit) {
  return fruit.name;
};

int get total => 3;

external int nativeCount(int seed);

/// Entry point.
Future<void> main(List<String> arguments) async {
  final heavy = (Fruit f) => f.volume > 2;
  print(heavy(Fruit('pear')));
}
