/* runtime/core/queues/vq_keep.h - Virtual queues as bytes: the operations `keep` and `sound` of their part. */
#pragma once

#include <stdbool.h>

struct keeper;
struct pace;

void vqs_keep(void *, struct keeper *);
bool vqs_sound(void *);
/* Writes or reads how fast a queue moves (vm/keep.h). */
void vq_pace_keep(struct pace *, struct keeper *);
