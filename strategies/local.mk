## strategies: flows that people know, each in a folder with its site, schema, directory and tests.
EXTRA_DIST += strategies/enterprise/enterprise.gcx strategies/enterprise/tests.gcx strategies/enterprise/site.gcx \
	strategies/enterprise/customers.sql strategies/enterprise/customers-data.sql strategies/enterprise/directory.sql \
	strategies/enterprise/crowd.sql
