import { useEffect, useState } from "react";

interface Props {
  title: string;
  items?: readonly string[];
}

/** A list that can be filtered. */
export function FilteredList({ title, items = [] }: Props): JSX.Element {
  const [query, setQuery] = useState<string>("");

  // Keeps what contains the query.
  const visible = (item: string) => item.includes(query);

  useEffect(() => {
    document.title = title;
  }, [title]);

  return (
    <section>
      <input value={query} onChange={(event) => setQuery(event.target.value)} />
      <ul>{items.filter(visible).map((item) => <li key={item}>{item}</li>)}</ul>
    </section>
  );
}

export const Panel = forwardRef<HTMLDivElement, Props>(function Panel(props, ref) {
  return <div ref={ref}>{props.title}</div>;
});

class Boundary extends React.Component<Props> {
  state = { failed: false };

  static getDerivedStateFromError = () => ({ failed: true });

  render() {
    return this.state.failed ? <p>Sorry.</p> : this.props.children;
  }
}

export default function App() {
  return <Boundary title="all"><FilteredList title="fruit" /></Boundary>;
}
