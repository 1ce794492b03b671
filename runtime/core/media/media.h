/* runtime/core/media/media.h - Events that begin or end an interaction of any medium: they go to the operations of the
 * medium. */
#pragma once

#include "runtime/vocabulary/message.h"

struct core;

void media_on_created(struct core *, const struct message *); /* EventCallCreated */
void media_on_submit(struct core *, const struct message *);
void media_on_deleted(struct core *, const struct message *);   /* EventCallDeleted */
void media_on_user_data(struct core *, const struct message *); /* RequestUserData */
