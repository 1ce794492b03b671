/* runtime/adapters/desk/who.h - Whom an item is from, and what else is open of them. */
#pragma once

#include "runtime/adapters/desk/desk.h"

void who_ask(struct item *);           /* asks the store when it is the item's turn, and tells the page then */
void who_waits_no_more(struct item *); /* to be called before the item is freed */
void who_tick(struct desk *);          /* each second: asks for those who wait, and for whom was asked long ago */

/* The job changes what is open of the item's contact: once it is done, the pages that show this are told. The job is
 * done even where the desk ends. To be called before the job is given. */
void who_changes(struct desk_job *, const struct item *);
/* A job has changed the contact, or what is open of the contact: asks again for all items of these. */
void who_changed(struct desk *, struct desk_job *);
/* As who_changed(), where another program is about to end what the job is about: the pages are told of that, too. */
void who_follows(struct desk *, struct desk_job *);
