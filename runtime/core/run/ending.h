/* runtime/core/run/ending.h - The end of an interaction. */
#ifndef CORE_ENDING_H
#define CORE_ENDING_H

struct core;
struct interaction;

/* Credits its claims, forgets its effects and gives up its place in a queue. Ending it again changes nothing. */
void interaction_end(struct core *, struct interaction *);

#endif
