/* runtime/core/run/ending.h - The end of an interaction. */
#ifndef CORE_ENDING_H
#define CORE_ENDING_H

struct core;
struct interaction;

/* Claims are credited, effects forgotten, its place in a queue is given up. Ending it again changes nothing. */
void interaction_end(struct core *, struct interaction *);

#endif
