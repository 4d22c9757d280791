export type ReadmePart = "title" | "description" | "installation" | "usage" | "licence";

/** What a reader looks for in a README and does not find. */
export function missingParts(text: string, isLicenceFile: boolean): readonly ReadmePart[] {
  const headings = [
    ...text.matchAll(
      /^(?:#{1,6}[ \t]+(.+)|(.+)\n(?:=+|-+)[ \t]*$|[ \t]*<h\d[^>]{0,300}>(.{0,300}?)<\/h\d>)/gim,
    ),
  ].map((match) => (match[1] ?? match[2] ?? match[3] ?? "").toLowerCase());
  const hasHeading = (words: RegExp) => headings.some((heading) => words.test(heading));
  const code = [...text.matchAll(/^ {0,3}(?:`{3,40}|~{3,40})[^\n]*\n([\s\S]*?)^ {0,3}(?:`{3}|~{3})/gm)].map(
    ([, block]) => block ?? "",
  );
  const prose = text
    .replace(/```[\s\S]*?```/g, "")
    .replace(/^(?:#.*|!?\[.*|<.*)$/gm, "")
    .trim();
  const installs =
    /\b(?:npm (?:i|install|ci|create|init)|npx|yarn (?:add|dlx)|pnpm (?:add|dlx|i)|bun add|git clone|pip install)\b/;
  const has: Readonly<Record<ReadmePart, boolean>> = {
    title: headings.length > 0 || /<img\b|^!\[/m.test(text),
    description: prose.length >= 40,
    installation: hasHeading(/install|set ?up|getting started|quick ?start/) || installs.test(text),
    usage:
      hasHeading(/usage|use\b|using|example|getting started|quick ?start|api|documentation/) ||
      code.some((block) => !installs.test(block) || block.split("\n").length > 4),
    licence: isLicenceFile || /licen[cs]e/i.test(text),
  };
  return (Object.keys(has) as ReadmePart[]).filter((part) => !has[part]);
}
