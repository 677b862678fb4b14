FROM debian:12 
