# Licensed under the same terms as the example.
defmodule Shop.Stock do
  @moduledoc """
  Keeps count of what is in the shop.

  Not a database.
  """

  use GenServer
  alias Shop.Item
  import Enum, only: [map: 2]
  require Logger

  @timeout 5_000

  @typedoc "What is counted."
  @type t :: %__MODULE__{items: map(), place: String.t()}

  defstruct items: %{}, place: "here"

  @doc """
  Starts the server.

  Takes the usual options.
  """
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(options \\ []) do
    GenServer.start_link(__MODULE__, options, name: __MODULE__)
  end

  @impl true
  def init(options), do: {:ok, struct(__MODULE__, options)}

  # Answers what is asked.
  @impl true
  def handle_call({:count, name}, _from, state) do
    {:reply, Map.get(state.items, name, 0), state}
  end

  @impl true
  def handle_call(:all, _from, state) do
    {:reply, state.items, state}
  end

  @doc "Adds up a list."
  def total([]), do: 0
  # the rest
  def total([head | tail]) when is_integer(head), do: head + total(tail)
  def total(list, start), do: total([start | list])

  @doc false
  defp blank?(nil), do: true
  defp blank?(text) when is_binary(text) do
    trim = fn value -> String.trim(value) end
    trim.(text) == ""
  end

  def left <~> right, do: Map.merge(left, right)

  defguard is_small(number) when number < 10

  @doc ~S"""
  Measures how long a block takes.
  """
  defmacro measure(name, do: block) do
    quote do
      Logger.info(unquote(name))
      unquote(block)
    end
  end

  defdelegate size(stock), to: Shop.Counter

  defmodule Error do
    defexception [:message]
  end
end

defprotocol Shop.Priced do
  @doc "The price of one."
  def price(thing)
end

defimpl Shop.Priced, for: Shop.Item do
  def price(%{cents: cents}), do: cents / 100
end

defmodule Shop.Store do
  @callback fetch(name :: String.t()) :: {:ok, term} | :error
end

defmodule Shop.StockTest do
  use ExUnit.Case

  describe "total/1" do
    test "of nothing is zero", %{stock: stock} do
      assert Shop.Stock.total([]) == 0
    end
  end

  def now, do: DateTime.utc_now()
end
