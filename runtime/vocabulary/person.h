/* runtime/vocabulary/person.h - The addresses of a person, in the one form under which they are compared: the contact
 * store, calling lists, records and erasing use this one. The module owns nothing.
 *
 * A number is E.164 by the rules of the standard library's module phone, "+33145550101". A number without + is of the
 * country that the setting `country` says: two letters of ISO 3166, "DE"; NULL or "": no country, and such a number is
 * its digits. An address of a mailbox is in small letters. Schemes (tel:, sip:, mailto:), angle brackets and spaces
 * around go. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/kv.h"

enum { PERSON_NUMBER = 17, PERSON_MAX = 320 /* bytes of an address */ };

/* Is the way known in which that country dials? And the complaint of a setting that names another one. */
bool person_country(const char *country);
#define PERSON_COUNTRY_REFUSED "`%.20s` is no country whose dialling is known; ISO 3166, such as DE"
/* E.164. False: it is none, or nobody says of which country it is. */
bool person_number(struct span text, const char *country, char number[PERSON_NUMBER]);
/* E.164, or else the digits as they were dialled: an extension, a short number; 00 in front is +. False with a reason
 * where it is no number at all. */
bool person_dialled(struct span text, const char *country, char number[PERSON_MAX + 1], const char **why);
/* mailbox@domain. False with a reason: it is none. */
bool person_mail(struct span text, char address[PERSON_MAX + 1], const char **why);
/* A name outside, of a customer, a chain or an agent: the text without the spaces around it. */
struct span person_name(struct span text);
/* The same, copied. False: it is empty or too long. */
bool person_trimmed(struct span text, char form[PERSON_MAX + 1]);
/* The same of a text of which nobody says what it is; what is neither number nor mailbox stays as it is. False: it is
 * empty or too long. */
bool person_form(struct span text, const char *country, char form[PERSON_MAX + 1]);
/* Do both reach the same? A number without + is also the one with it: switches leave it out. */
bool person_same(struct span, struct span, const char *country);
