/* runtime/core/queues/vq_keep.h - How virtual queues are written to snapshots and read: the operations `keep` and
 * `sound` of their part. */
#pragma once

#include <stdbool.h>

struct keeper;
struct pace;

void vqs_keep(void *, struct keeper *);
bool vqs_sound(void *);
/* Writes or reads how fast a queue moves (vm/keep.h). */
void vq_pace_keep(struct pace *, struct keeper *);
