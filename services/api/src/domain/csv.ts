/** A spreadsheet takes a cell that begins so for a formula, which can send the sheet elsewhere (OWASP, CSV Injection). */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * One record of RFC 4180, its line end included. What a spreadsheet would calculate is made text by an apostrophe in
 * front, which spreadsheets hide and everybody else can see.
 */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: string | null): string {
  if (value === null) return '';
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
