const KINDS = {
  read: "get fetch retriev read list show view load open obtain extract download display",
  find: "search find lookup look queri discov explor suggest recommend locat brows",
  write: "write creat add save gener insert make build draft export append draw produc compos",
  change: "updat edit set modifi renam move replac format manag merg split appli",
  remove: "delet remov clear drop reset end forc kill termin",
  compute: "calcul comput evalu analyz compar diff count summar valid check estim",
  convert: "convert transform translat pars resolv geocod",
  act: "run start execut click navig fill send post approv request login press select hover",
} as const;

/** What sort of doing a verb is. */
export type VerbKind = keyof typeof KINDS;

const kinds = new Map<string, VerbKind>(
  Object.entries(KINDS).flatMap(([kind, stems]) =>
    stems.split(" ").map((stemmed) => [stemmed, kind as VerbKind] as const),
  ),
);

/** Of a stem; undefined when it is no verb that tools go by. */
export function verbKind(stemmed: string): VerbKind | undefined {
  return kinds.get(stemmed);
}
