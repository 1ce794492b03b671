/* runtime/vocabulary/person.h - The addresses of a person, in the one form in which they are compared: the contact
 * store, calling lists, records and erasing all use this form. The module owns nothing.
 *
 * A number is E.164 by the rules of the standard library's module phone, "+33145550101". A number without + belongs
 * to the country of the setting `country`: two letters of ISO 3166, "DE"; NULL or "": no country, and the number is
 * its digits alone. The address of a mailbox is in small letters. Schemes (tel:, sip:, mailto:), angle brackets and
 * spaces around an address are removed. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/kv.h"

enum { PERSON_NUMBER = 17, PERSON_MAX = 320 /* bytes of an address */ };

/* True: the rules of dialling for that country are known. PERSON_COUNTRY_REFUSED is the complaint about a setting
 * with another country. */
bool person_country(const char *country);
#define PERSON_COUNTRY_REFUSED "`%.20s` is no country whose dialling is known; ISO 3166, such as DE"
/* Brings a number into E.164. False: the text is no number, or its country is not known. */
bool person_number(struct span text, const char *country, char number[PERSON_NUMBER]);
/* Brings a dialled number into E.164, or leaves the digits of an extension or a short number; 00 at the beginning
 * becomes +. False with a reason: the text is no number at all. */
bool person_dialled(struct span text, const char *country, char number[PERSON_MAX + 1], const char **why);
/* Brings a mail address into the form mailbox@domain. False with a reason: the text is no address. */
bool person_mail(struct span text, char address[PERSON_MAX + 1], const char **why);
/* Returns the outside name of a customer, a chain or an agent, without the spaces around it. */
struct span person_name(struct span text);
/* The same, copied. False: the name is empty or too long. */
bool person_trimmed(struct span text, char form[PERSON_MAX + 1]);
/* Brings a text of unknown kind into its form: a text that is neither number nor mailbox stays as it is. False: the
 * text is empty or too long. */
bool person_form(struct span text, const char *country, char form[PERSON_MAX + 1]);
/* True: both addresses reach the same person. A number without + equals the one with it, since switches leave it
 * out. */
bool person_same(struct span, struct span, const char *country);
