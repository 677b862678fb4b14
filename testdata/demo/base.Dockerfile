# Debian's static busybox as the image that the demo starts from, where no registry is reached.
FROM scratch
ADD busybox.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["sh"]
