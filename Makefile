include project.mk
