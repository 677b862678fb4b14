FROM scratch
CMD a <b> & é
