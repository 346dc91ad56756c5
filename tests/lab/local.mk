# A VPC of network namespaces: a program for each picture of one, and for what may stand between programs and cmapd.
dist_check_SCRIPTS += \
	tests/lab/chained_nsswitch.py \
	tests/lab/chained_resolvers.py \
	tests/lab/chained_systemd_resolved.py \
	tests/lab/picture_01_public_subnet.py \
	tests/lab/picture_02_private_subnet_behind_nat.py \
	tests/lab/picture_03_l7_ingress_haproxy.py \
	tests/lab/picture_04_l4_ingress_nginx_stream.py \
	tests/lab/picture_05_api_gateway_ingress.py \
	tests/lab/picture_06_host_and_bridge_mode_with_static_ports.py \
	tests/lab/picture_07_bridge_mode_with_dynamic_ports.py \
	tests/lab/picture_08_one_address_per_task.py \
	tests/lab/picture_09_eni_trunking_with_120_tasks_on_a_host.py \
	tests/lab/picture_10_secondary_range.py \
	tests/lab/picture_11_nat_access_to_foreign_services_by_name.py \
	tests/lab/picture_12_gateway_endpoint.py \
	tests/lab/picture_13_interface_endpoints.py \
	tests/lab/picture_14_cloud_map_across_two_subnets.py \
	tests/lab/picture_15_internal_load_balancer_by_alias.py
EXTRA_DIST += \
	tests/lab/client.py \
	tests/lab/gateway.mjs \
	tests/lab/internet.py \
	tests/lab/lab.py \
	tests/lab/Lookup.java \
	tests/lab/lookup.c \
	tests/lab/run \
	tests/lab/task.py
