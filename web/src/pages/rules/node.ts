// A rule on its way to the node: what its file is called there, and which id it bears.

/** Of the first rule in a file. */
export const idOf = (text: string): string | undefined => /^id:\s*['"]?([^\s'"#]+)/m.exec(text)?.[1];

/** With another id, where it had one; with one, where it had none. */
export function withId(text: string, id: string): string {
  if (idOf(text) !== undefined) return text.replace(/^id:\s*['"]?[^\s'"#]+['"]?/m, `id: ${id}`);
  return /^title:.*$/m.test(text) ? text.replace(/^(title:.*)$/m, `$1\nid: ${id}`) : `id: ${id}\n${text}`;
}

export const isName = (name: string): boolean => /^[A-Za-z0-9._-]{1,200}$/.test(name);

/** Of a file anywhere, as the node takes it; `own-` where it began from a rule of the product. */
export function nameOnNode(file: string, builtin: boolean): string {
  const last = file.split('/').pop() ?? '';
  const name = last.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 190) || 'rule.yml';
  return builtin ? `own-${name}` : name;
}
