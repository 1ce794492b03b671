#!/usr/bin/env python3
"""Brings a CRM's data into the desk: names, fields and telephones of customers, by the desk's interface for programs.

    GCX_PASSWORD=... crm.py https://desk.example.com crm-agent customers.csv

customers.csv is what the CRM writes: its first line names the columns. `email` finds the contact, `name` is its name,
`phone` becomes an address of it, and every other column a field that agents see beside the conversation. Who has never
written is no contact yet, and is passed over: run it again, every night for example. A contact that has all of it
already is left alone, and one that an agent changes at the same time is read again.

The user is one of the desk's file of users, with a password; each change stands in the contact's history by its name.
"""
import csv
import json
import os
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request


class Desk:
    """A session at the desk: a cookie, and the token that a change needs."""

    def __init__(self, url, name, password, ca=None):
        self.url, self.cookie, self.csrf = url.rstrip("/"), None, None
        self.tls = ssl.create_default_context(cafile=ca) if url.startswith("https:") else None
        self.csrf = self.ask("POST", "/api/login", {"name": name, "password": password})["csrf"]

    def ask(self, method, path, body=None):
        """Returns the JSON that the desk answers; raises urllib.error.HTTPError where it refuses."""
        headers = {"Origin": self.url}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30, context=self.tls) as answer:
            if answer.headers["Set-Cookie"]:
                self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            text = answer.read()
        return json.loads(text) if text else None


def found(desk, email):
    """The contact with this address, as the desk has it; None: there is none, or it is not verified."""
    for one in desk.ask("GET", "/api/contacts?" + urllib.parse.urlencode({"q": email}))["contacts"]:
        contact = desk.ask("GET", f"/api/contacts/{one['contact']}")
        if any(address["address"].lower() == email.lower() for address in contact.get("addresses", [])):
            return contact
    return None


def difference(contact, row):
    """What the CRM has and the contact has not."""
    known = {"email", "name", "phone"}
    fields = {key: value for key, value in row.items() if key and key not in known and value}
    change = {}
    if row.get("name") and row["name"] != contact.get("name"):
        change["name"] = row["name"]
    if any(contact.get("fields", {}).get(key) != value for key, value in fields.items()):
        change["fields"] = {**contact.get("fields", {}), **fields}
    digits = "".join(one for one in row.get("phone") or "" if one.isdigit())
    phones = ["".join(one for one in address["address"] if one.isdigit()) for address in contact.get("addresses", [])]
    if digits and not any(phone and (phone.endswith(digits) or digits.endswith(phone)) for phone in phones):
        change["add"] = [{"kind": "phone", "address": row["phone"]}]
    return change


def bring(desk, row):
    """Brings one customer in; returns what was done, in a word."""
    for _ in range(3):
        contact = found(desk, row["email"])
        change = difference(contact, row) if contact else {}
        if not change:
            return "same" if contact else "unknown"
        try:
            desk.ask("PUT", f"/api/contacts/{contact['contact']}/edit", {"changed": contact["changed"], **change})
            return "changed"
        except urllib.error.HTTPError as why:
            if why.code != 409:
                raise
    return "busy"  # somebody changes it again and again: the next run brings it


def main():
    if len(sys.argv) != 4 or "GCX_PASSWORD" not in os.environ:
        sys.exit(__doc__)
    try:
        desk = Desk(sys.argv[1], sys.argv[2], os.environ["GCX_PASSWORD"], os.environ.get("GCX_CA"))
    except urllib.error.URLError as why:  # nobody is there, or the desk does not take name and password
        sys.exit(f"{sys.argv[1]}: {why}")
    count = {}
    with open(sys.argv[3], encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not (row.get("email") or "").strip():
                continue
            try:
                done = bring(desk, {key: (value or "").strip() for key, value in row.items() if key})
            except urllib.error.HTTPError as why:
                done = "refused"
                print(f"{row['email']}: {why.code} {why.read().decode(errors='replace').strip()}", file=sys.stderr)
            count[done] = count.get(done, 0) + 1
    desk.ask("POST", "/api/logout")
    print(", ".join(f"{number} {word}" for word, number in sorted(count.items())) or "no customers")


if __name__ == "__main__":
    main()
