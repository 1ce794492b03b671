/* compiler/import/asterisk/asterisk.h - Makes flows of Asterisk's dialplan and queues.
 *
 *     asterisk_add()      per file: its keys are read (ini.h)
 *     asterisk_finish()   the dialplan (plan.h), the queues, and a flow for each context that calls come to
 *
 * A step of the dialplan is a block; a Gosub has a copy of the steps that it goes through, so that its Return leads
 * back. What is read is the documented meaning of Asterisk 16 and later. */
#pragma once

#include "compiler/import/asterisk/ini.h"

struct importer;
struct asterisk;

struct asterisk *asterisk_new(struct importer *);
/* Adds a file; false, with the reason in `why`, where it is none of Asterisk's. */
bool asterisk_add(struct asterisk *, const char *path, const char *bytes, size_t length, char *why, size_t why_size);
void asterisk_finish(struct asterisk *);
