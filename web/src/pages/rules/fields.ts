// Fields of a suppression as somebody types them: NAME=VALUE, one a line.

export interface ReadFields {
  fields: Record<string, string>;
  /** The line that is none. */
  fault?: number;
}

export function fieldsOf(text: string): ReadFields {
  const fields: Record<string, string> = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(0, at)).trim();
    const value = line.slice(at + 1).trim();
    if (name === '' || value === '') return { fields, fault: index + 1 };
    fields[name] = value;
  }
  return { fields };
}
