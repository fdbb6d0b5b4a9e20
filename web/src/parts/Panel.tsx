import { type ReactNode, useId } from 'react';

/** A titled region of a page. */
export function Panel({ title, tools, children, className, flush }: { title: string; tools?: ReactNode; children: ReactNode; className?: string; flush?: boolean }) {
  const id = useId();
  return (
    <section className={`panel ${className ?? ''}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {tools}
      </header>
      {flush ? children : <div className="body">{children}</div>}
    </section>
  );
}
