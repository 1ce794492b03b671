/* runtime/adapters/sip/trunk.h - Providers at which the exchange registers, trunks that it checks by OPTIONS, and
 * outlets, through which numbers outside are dialled. Each of these is shown as a neighbour of the plugin that works
 * or is away.
 *
 * A provider is one line of a file, `sip:USER@ADDRESS NAME PASSWORD`; its address becomes a trunk, and its calls
 * come to the number USER, or to the number in the provider's request. The table owns the providers, and the OPTIONS
 * that are sent. */
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
    struct request *request; /* the OPTIONS that waits for its answer; NULL: none */
};

struct providers {
    struct provider **all; /* pointers, so that a provider stays at its place in memory */
    struct asked *asked;
    unsigned count, asked_count;
    struct alarm timer;
};

/* Reads the file of providers; each address becomes a trunk of the settings. False with the reason. */
bool providers_read(struct providers *, struct sip_setting *, char *why, size_t why_size);
/* The provider at that address, whose password is used when dialling there; NULL: none, so no password is used. */
const struct provider *providers_at(const struct exchange *, const struct sa *);
/* Reads the file again: a provider whose line is still there keeps its registration. If too many lines are missing
 * at once, nothing changes yet. */
bool providers_again(struct exchange *, struct watched_lost *, char *why, size_t why_size);
void providers_begin(struct exchange *);
void providers_end(struct exchange *);
void providers_free(struct providers *);

/* The outlet to try next, among those in `names` ("": all); `tried` has a bit for each outlet that was tried. -1:
 * there is none. */
int trunk_outlet_next(const struct exchange *, const char *names, uint32_t tried);
/* Status 0: the outlet has not answered. */
void trunk_outlet_failed(struct exchange *, unsigned outlet, uint16_t status);
void trunk_outlet_took(struct exchange *, unsigned outlet);
