import { wordsOfEnding } from "./lexicon.js";
import { stemsOf } from "./words.js";

/** What a task asks for, part by part. */
export interface Task {
  /** The stems of each part; the first is the task as a whole. */
  readonly parts: readonly (readonly string[])[];
  /** Kinds of values that the task gives: what a tool's parameters may take. */
  readonly gives: ReadonlySet<Kind>;
}

export type Kind = "url" | "date";

/** What is looked at of a query, which may be a user's message of any length; and what is left without encoded data. */
const MOST_READ = 16_000;
const MOST_CHARACTERS = 4000;
const MOST_PARTS = 12;
const URL_FORM = /https?:\/\/[^\s"'`<>)\]]+/g;
const PATH_FORM = /(?:~|\.{1,2})?(?:\/[\w.@-]+)+\/?|\b[\w-]+\.(?:[a-z]{2,4}\d?)\b(?!\.)/gi;
const ENCODED = /\S{120,}/g;
const DATES =
  /\b(?:today|tomorrow|yesterday|now|tonight|current(?:ly)?|latest|recent(?:ly)?|next|this (?:week|month|year)|\d{4}-\d\d(?:-\d\d)?|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august|september|october|november|december)\b/i;

/** Splits a task where people begin another part of it. */
export function readTask(query: string): Task {
  const gives = new Set<Kind>();
  const text = query
    .slice(0, MOST_READ)
    .replace(URL_FORM, (url) => {
      gives.add("url");
      return ` url webpage ${hostOf(url)} `;
    })
    .replace(ENCODED, (encoded) => (/^[\p{L}\p{P}]+$/u.test(encoded) ? encoded : " "))
    .slice(0, MOST_CHARACTERS)
    .replace(PATH_FORM, (path) => {
      const words = wordsOfEnding(/\.(\w+)$/.exec(path)?.[1] ?? "");
      if (words === undefined && !/^[~/.]/.test(path)) return path;
      return ` ${words ?? "directory folder"} `;
    });
  if (DATES.test(text)) gives.add("date");
  const parts = text
    .split(
      /[.!?;:](?:\s|$)|[,，。；！？\n]|\b(?:and then|then|and|also|after that|afterwards|plus|based on|including|with)\b/i,
    )
    .map((part) => stemsOf(part))
    .filter((part) => part.length > 0)
    .slice(0, MOST_PARTS);
  return { parts: [stemsOf(text), ...parts], gives };
}

function hostOf(url: string): string {
  return (/\/\/(?:www\.)?([^/:?#]+)/.exec(url)?.[1] ?? "").split(".").slice(0, -1).join(" ");
}
