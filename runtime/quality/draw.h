/* runtime/quality/draw.h - Draws some of many by chance: so many of each group, such as each agent and week.
 *
 * The chance is a secret number of the site, the seed, and the name of what is drawn: the same seed gives each name the
 * same place in one order, and the first ones of their group are drawn. So the same draw again gives the same, and
 * whoever draws cannot draw until something else comes. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct draw;

/* `each`: how many are drawn of a group, at least 1. */
struct draw *draw_new(uint64_t seed, unsigned each);
void draw_free(struct draw *); /* NULL is allowed */
/* One that may be drawn. `given` is the caller's number of it. */
void draw_offer(struct draw *, const char *group, const char *name, size_t given);
/* Sorts by group, and by the order of chance within it, and returns how many were drawn. */
size_t draw_end(struct draw *);
/* Returns the number that draw_offer() was given for the drawn one at this place. To be called after draw_end(). */
size_t draw_at(const struct draw *, size_t place);
