#! context debian:12=oci-layout://somewhere
FROM debian:12
