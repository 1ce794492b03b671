/* runtime/adapters/sip/trunk.h - Trunks that want to be asked: providers at which the exchange registers, OPTIONS to
 * those that should always be there, and outlets, through which numbers outside are dialled. Each is a neighbour of the
 * plugin, there or away.
 *
 * A provider is one line of a file, `sip:USER@ADDRESS NAME PASSWORD`; its address is a trunk by that, and its calls
 * come to the number USER, or to what it puts into their request. The table owns the providers and what is asked of
 * them. */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/sip/ua/registration.h"

enum { PROVIDER_TEXT = 128 };

struct exchange;
struct sip_setting;
struct watched_lost;

struct provider {
    struct exchange *exchange;
    char uri[PROVIDER_TEXT], registrar[PROVIDER_TEXT], user[PROVIDER_TEXT];
    char name[PROVIDER_TEXT], password[PROVIDER_TEXT];
    struct registration *registration;
};

struct asked { /* a trunk, by OPTIONS */
    struct exchange *exchange;
    char name[PROVIDER_TEXT];
    struct dialog *dialog;
    struct request *request; /* NULL: none is under way */
};

struct providers {
    struct provider **all; /* each stays where it is */
    struct asked *asked;
    unsigned count, asked_count;
    struct alarm timer;
};

/* Reads the file; each address becomes a trunk of the settings. False with the reason. */
bool providers_read(struct providers *, struct sip_setting *, char *why, size_t why_size);
/* The provider at that address, with whose password we dial there; NULL: the trunk asks for no password. */
const struct provider *providers_at(const struct exchange *, const struct sa *);
/* The file again: a line that is there still keeps its registration. Where it may not count yet nothing changes. */
bool providers_again(struct exchange *, struct watched_lost *, char *why, size_t why_size);
void providers_begin(struct exchange *);
void providers_end(struct exchange *);
void providers_free(struct providers *);

/* The outlet that is tried next, of those among the names; `tried` has a bit per outlet. -1: there is none. */
int trunk_outlet_next(const struct exchange *, const char *names, uint32_t tried);
void trunk_outlet_failed(struct exchange *, unsigned outlet, uint16_t status); /* 0: it says nothing */
void trunk_outlet_took(struct exchange *, unsigned outlet);
