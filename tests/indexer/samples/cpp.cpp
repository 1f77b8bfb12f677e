// Copyright 2026 The Orchard authors
#include "scene.h"
#include <memory>
#include <vector>

using std::vector;

namespace orchard::scene {

namespace {
constexpr double kEpsilon = 1e-9;

double squared(double x) { return x * x; }
}  // namespace

/// A point in the plane.
struct Point {
  double x = 0, y = 0;

  Point operator+(const Point& other) const { return {x + other.x, y + other.y}; }
};

/**
 * Anything that can be drawn.
 */
class Shape {
 public:
  explicit Shape(Point origin) : origin_(origin) {}
  virtual ~Shape() = default;
  /// The area, in square metres.
  virtual double area() const = 0;
  const Point& origin() const { return origin_; }

 protected:
  enum class Fill { None, Solid };

 private:
  Point origin_;
};

template <typename T, int Size = 8>
class Pool final : public Base<T> {
 public:
  // Takes one from the pool.
  template <typename... Args>
  T* take(Args&&... args) {
    return new T(std::forward<Args>(args)...);
  }
  bool empty() const noexcept;
};

template <typename T, int Size>
bool Pool<T, Size>::empty() const noexcept { return Size == 0; }

using Points = std::vector<Point>;

template <typename T>
concept Drawable = requires(T value) { value.draw(); };

}  // namespace orchard::scene

// Makes a scene.
[[nodiscard]] std::unique_ptr<Scene> make_scene(int width) {
  auto clamp = [width](int value) { return value % width; };
  return std::make_unique<Scene>(clamp(width));
}

Scene::Scene(int width)
    : width_(width), shapes_() {
}

Scene::~Scene() {}

const Shape* Scene::Layer::find(int id) const {
  return nullptr;
}

Scene& Scene::operator=(const Scene& other) { return *this; }

extern "C" int scene_version() { return 2; }

template <>
struct Traits<Point> {
  static int size() { return 2; }
};
