import type { ReactNode } from 'react';

type AdminTableProps = {
  /** Name of the table for a screen reader. */
  label: string;
  /** Heads of the columns. False: a column that the person may not see. */
  columns: ReadonlyArray<string | false>;
  /** The rows. */
  children: ReactNode;
};

/** A table of the administration. It scrolls sideways where the screen is narrow. */
export function AdminTable({ label, columns, children }: AdminTableProps) {
  return (
    <div className="table-scroller table-page" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) =>
              column === false ? null : (
                <th key={column} scope="col">
                  {column}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
