// The cases of web-platform-tests for URLs: what comes out that should not.

interface Parsing {
  readonly input: string;
  readonly base?: string | null;
  readonly failure?: boolean;
  readonly [part: string]: unknown;
}

interface Setting {
  readonly href: string;
  readonly new_value: string;
  readonly expected: Readonly<Record<string, string>>;
}

const PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'] as const;

export function parsed_wrongly(cases: (Parsing | string)[]): string[] {
  return cases.filter((each) => typeof each !== 'string').flatMap((each) => {
    const url = URL.canParse(each.input, each.base ?? undefined) ? new URL(each.input, each.base ?? undefined) : undefined;
    const right = url ? !each.failure && PARTS.every((part) => !(part in each) || each[part] === url[part]) : each.failure;
    return right ? [] : [each.base ? `${each.input} below ${each.base}` : each.input];
  });
}

export function set_wrongly(cases: Record<string, Setting[]>): string[] {
  const { comment: _, ...parts } = cases;
  return Object.entries(parts).flatMap(([part, settings]) =>
    settings.flatMap(({ href, new_value, expected }) => {
      const url = new URL(href) as unknown as Record<string, string>;
      url[part] = new_value;
      return Object.entries(expected).every(([name, value]) => url[name] === value) ? [] : [`${part} of ${href}`];
    }),
  );
}
