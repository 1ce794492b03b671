/* runtime/core/media/outbound.h - Records of calling lists begin and end their interactions. */
#ifndef CORE_MEDIA_OUTBOUND_H
#define CORE_MEDIA_OUTBOUND_H

struct core;

/* The records of the core call this room from now on (struct list_record_calls). */
void outbound_init(struct core *);

#endif
