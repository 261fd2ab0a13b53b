/** Works something out once for each thing, however many rules ask; forgotten together with the thing. */
export function onceFor<Thing extends object, Result extends {}>(
  workOut: (thing: Thing) => Result,
): (thing: Thing) => Result {
  const known = new WeakMap<Thing, Result>();
  return (thing) => {
    const found = known.get(thing) ?? workOut(thing);
    known.set(thing, found);
    return found;
  };
}
