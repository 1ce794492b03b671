/* compiler/import/asterisk/asterisk.h - Makes flows of Asterisk's dialplan and queues.
 *
 *     asterisk_add()      per file: its keys are read (ini.h)
 *     asterisk_finish()   the dialplan (plan.h), the queues, and a flow for each context that calls come to
 *
 * A step of the dialplan becomes a block. The steps that a Gosub runs are copied for each Gosub, so that Return leads
 * back to the right place. The dialplan is read as Asterisk 16 and later versions document it. */
#pragma once

#include "compiler/import/asterisk/ini.h"

struct importer;
struct asterisk;

struct asterisk *asterisk_new(struct importer *);
/* Adds a file; false, with the reason in `why`, where it is no file of Asterisk. */
bool asterisk_add(struct asterisk *, const char *path, const char *bytes, size_t length, char *why, size_t why_size);
void asterisk_finish(struct asterisk *);
