import django.db.models.deletion
import django_scim_provider.models.fields
import django_scim_provider.models.keys
import django_scim_provider.models.moments
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('scim_provider', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Printer',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scim_id', django_scim_provider.models.fields.SCIMIdField(blank=True, editable=False, max_length=255, verbose_name='SCIM id')),
                ('external_id', django_scim_provider.models.fields.ExactCharField(blank=True, editable=False, max_length=256, null=True, verbose_name='external id')),
                ('resource', models.TextField(editable=False)),
                ('folded', django_scim_provider.models.fields.FoldedField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='created at')),
                ('last_modified', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='last modified')),
                ('serial_number', models.CharField(max_length=20, unique=True)),
                ('name', models.CharField(default='unnamed', max_length=64)),
                ('floor', models.IntegerField(null=True)),
                ('shelf', models.IntegerField()),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Cartridge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('printer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.printer')),
            ],
        ),
        migrations.CreateModel(
            name='Scanner',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scim_id', django_scim_provider.models.fields.SCIMIdField(blank=True, editable=False, max_length=255, verbose_name='SCIM id')),
                ('external_id', django_scim_provider.models.fields.ExactCharField(blank=True, editable=False, max_length=256, null=True, verbose_name='external id')),
                ('resource', models.TextField(editable=False)),
                ('folded', django_scim_provider.models.fields.FoldedField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='created at')),
                ('last_modified', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='last modified')),
                ('serial_number', django_scim_provider.models.fields.ExactCharField(max_length=20)),
                ('name', models.CharField(max_length=64, null=True)),
                ('name_key', django_scim_provider.models.fields.FoldedKeyField(editable=False, max_length=128, null=True, source='name')),
                ('maker', models.CharField(max_length=64, null=True)),
                ('maker_key', django_scim_provider.models.fields.FoldedKeyField(editable=False, max_length=128, null=True, source='maker')),
                ('floor', models.BigIntegerField(null=True)),
                ('weight', models.FloatField(null=True)),
                ('in_colour', models.BooleanField(null=True)),
                ('bought_at', models.DateTimeField(null=True)),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scim_id', django_scim_provider.models.fields.SCIMIdField(blank=True, editable=False, max_length=255, verbose_name='SCIM id')),
                ('external_id', django_scim_provider.models.fields.ExactCharField(blank=True, editable=False, max_length=256, null=True, verbose_name='external id')),
                ('resource', models.TextField(editable=False)),
                ('folded', django_scim_provider.models.fields.FoldedField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='created at')),
                ('last_modified', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='last modified')),
                ('name', models.CharField(max_length=64)),
                ('name_key', django_scim_provider.models.fields.FoldedKeyField(editable=False, max_length=128, source='name')),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['provider', 'external_id'], name='inventory_l_provide_58d047_idx')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'scim_id'), name='inventory_licence_scim_id'), models.UniqueConstraint(fields=('provider', 'name_key'), name='inventory_licence_name_key')],
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=20)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'role'), name='inventory_assignment_once')],
            },
        ),
        migrations.AddIndex(
            model_name='printer',
            index=models.Index(fields=['provider', 'external_id'], name='inventory_p_provide_901b79_idx'),
        ),
        migrations.AddConstraint(
            model_name='printer',
            constraint=models.UniqueConstraint(fields=('provider', 'scim_id'), name='inventory_printer_scim_id'),
        ),
        migrations.AddIndex(
            model_name='scanner',
            index=models.Index(fields=['provider', 'external_id'], name='inventory_s_provide_c2eeb2_idx'),
        ),
        migrations.AddIndex(
            model_name='scanner',
            index=models.Index(fields=['provider', 'serial_number'], name='inventory_s_provide_1771af_idx'),
        ),
        migrations.AddIndex(
            model_name='scanner',
            index=models.Index(fields=['provider', 'name_key'], name='inventory_s_provide_4bb84c_idx'),
        ),
        migrations.AddIndex(
            model_name='scanner',
            index=models.Index(fields=['provider', 'floor'], name='inventory_s_provide_239127_idx'),
        ),
        migrations.AddConstraint(
            model_name='scanner',
            constraint=models.UniqueConstraint(fields=('provider', 'scim_id'), name='inventory_scanner_scim_id'),
        ),
    ]
