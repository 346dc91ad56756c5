# A VPC of network namespaces, a program for each picture of one.
dist_check_SCRIPTS += \
	tests/lab/picture_14_cloud_map_across_two_subnets.py
EXTRA_DIST += \
	tests/lab/client.py \
	tests/lab/lab.py \
	tests/lab/Lookup.java \
	tests/lab/lookup.c \
	tests/lab/run \
	tests/lab/task.py
