// Licensed to the Orchard authors.
using System;
using System.Threading.Tasks;

[assembly: CLSCompliant(true)]

namespace Orchard.Irrigation
{
    /// <summary>How much water there is.</summary>
    public enum Level { Low, High }

    public delegate void Alarm(Level level);

    /// <summary>
    /// Opens and closes a <see cref="Valve"/>.
    /// </summary>
    /// <param name="name">what it is called</param>
    [Serializable]
    public abstract class Pump<T> : IDisposable where T : Valve, new()
    {
        private readonly T valve = new T();
        public string Name { get; init; } = "pump";

        // Closed at first.
        protected Pump(string name) : base()
        {
            Name = name;
        }

        ~Pump() { Dispose(); }

        /** The pressure in bar. */
        public double Pressure => valve.Pressure * 2;

        public int Speed
        {
            get { return speed; }
            set { speed = value; }
        }

        public T this[int index] => valve;

        public event Alarm Raised;

        public static Pump<T> operator +(Pump<T> left, Pump<T> right) => left;

        [Obsolete("use RunAsync")]
        public abstract void Run(TimeSpan time);

        public virtual async Task<int> RunAsync<U>(
            U context, // may be null
            int times = 3)
        {
            int Twice(int value) => value * 2;
            Func<int, int> thrice = value => value * 3;
            return Twice(thrice(times));
        }

        public void Dispose() => GC.SuppressFinalize(this);
    }

    public interface ISensor
    {
        /// <summary>Reads once.</summary>
        double Read();
    }

    public record Reading(double Value, DateTime At)
    {
        public bool Fresh() => At > DateTime.Now;
    }

    public record struct Spot(int X, int Y);

    internal static class Program
    {
        static void Main(string[] args) { }
    }
}
