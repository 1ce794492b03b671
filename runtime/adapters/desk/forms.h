/* runtime/adapters/desk/forms.h - The site's forms for reviews: the files NAME.form of the folder that the setting
 * `forms` names. The files are read each time, so that a form that is changed is the next one. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/quality/form.h"

/* Can the folder be read, and is each form in it right? False with the reason. */
bool desk_forms_good(const char *folder, char *why, size_t why_size);
/* {"forms": [...], "wrong": [...]}: the forms as the page gets them, and a sentence for each that is wrong. NULL: the
 * folder cannot be read. */
json_t *desk_forms_all(const char *folder, struct error *);
/* The form of this name, and its text, which the caller frees. NULL with the reason. */
struct form *desk_form_find(const char *folder, const char *name, char **text, struct error *);
json_t *desk_form_json(const struct form *);
