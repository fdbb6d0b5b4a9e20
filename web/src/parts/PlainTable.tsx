import type { ReactNode } from 'react';

interface Props {
  label: string;
  /** A heading in a list of its own stands over numbers. */
  heads: (string | [string])[];
  testid?: string;
  /** No taller than a part of the page: it scrolls. */
  limited?: boolean;
  /** Its rows. */
  children: ReactNode;
}

/** A table that is read whole; on a narrow screen it scrolls sideways, by keyboard too. */
export function PlainTable({ label, heads, testid, limited, children }: Props) {
  return (
    <div className={limited ? 'scroll-x is-limited' : 'scroll-x'} tabIndex={0} role="group" aria-label={label}>
      <table className="plain" data-testid={testid}>
        <thead>
          <tr>
            {heads.map((head) => {
              const numeric = typeof head !== 'string';
              return (
                <th key={String(head)} scope="col" className={numeric ? 'num' : undefined}>
                  {numeric ? head[0] : head}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
