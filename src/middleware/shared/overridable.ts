import type { Call, Middleware, ToolUse } from "../../core/call.js";
import type { Clock } from "../../core/clock.js";
import type { Part } from "../../core/settings.js";

const passOn: Middleware = (call, next) => next(call);

/**
 * A part of the stack that a tool's own settings can change: `false` goes without it, options win over `usual` key by
 * key. Tools with the same options share one instance, and so one breaker, one budget.
 */
export function overridable<O extends object>(
  name: Part,
  usual: O | false,
  make: (options: O) => Middleware,
  clock: Clock | undefined,
): Middleware {
  const common = clock === undefined ? {} : { clock };
  const withUsual = usual === false ? passOn : make({ ...common, ...usual });
  const withOwn = new WeakMap<object, Middleware>();

  const instanceFor = ({ settings }: ToolUse): Middleware => {
    const own = settings?.[name];
    if (own === undefined) return withUsual;
    if (own === false) return passOn;
    const options = own as Partial<O>;
    let instance = withOwn.get(options);
    if (instance === undefined) {
      instance = make({ ...common, ...(usual as O), ...options });
      withOwn.set(options, instance);
    }
    return instance;
  };
  const overridden = (call: Call, next: Parameters<Middleware>[1]) =>
    call.settings === undefined ? withUsual(call, next) : instanceFor(call)(call, next);
  return Object.assign(overridden, {
    part: name,
    allows: (use: ToolUse) => instanceFor(use).allows?.(use) ?? true,
  });
}
